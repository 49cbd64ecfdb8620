"""What every worker process shares: lease deadlines, quota, circuit breakers, tokens, failures and shutdown."""
