"""The story of the product, walked in Chromium on the embedded services, as `make demo` runs them."""
