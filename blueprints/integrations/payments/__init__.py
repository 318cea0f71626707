"""Cards: the one provider we speak to, behind the port that orders use."""
