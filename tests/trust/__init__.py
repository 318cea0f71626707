"""The promises of trust under attack and under the axe: nothing leaks, nothing is lost, nothing happens twice."""
