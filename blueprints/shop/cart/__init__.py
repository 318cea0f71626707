"""The cart and the checkout: what a visitor chose, what it costs this moment, and how it becomes an order."""
