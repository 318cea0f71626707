"""HTTP for every subsystem: access, forms, templating, theming, mail, links, error pages."""
