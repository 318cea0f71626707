"""HQ sees the chain to its end: the funnel, money, response times, by dealer, region and source."""
