"""Every tenant's shop: finding a product, its price and promise, the cart, the checkout."""
