"""Publisher: queues, approves, posts and takes down police features and appeals."""


class PublisherError(Exception):
    """Base of everything the service refuses; `str()` of it is a sentence fit to be shown.

    The domain's own is `pressqueue.errors.QueueError`, since the domain imports nothing of the service.
    """
