"""The web pages of officers, approvers and administrators."""
