"""What the network could not do: HQ sees why each task failed, sends it again, or sets it aside with a reason."""
