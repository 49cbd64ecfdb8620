"""What others can check without us: the audit export, the daily anchors, and the evidence pack."""
