"""The errors that are the user's to mend. Their text is one sentence: what, where, expected, what to do."""


class SqidError(Exception):
    """Base of every error whose sentence is meant for the user.

    >>> try:
    ...     load_bundle("data/nothing")
    ... except SqidError as error:
    ...     print(error)
    data/nothing has no manifest.json, so it is no finished bundle; run the precompute command that makes it again
    """


class BundleError(SqidError):
    """A bundle folder is unfinished, damaged, foreign or from a newer version."""


class NewerBundleError(BundleError):
    """A bundle that a newer version of this program made: nothing can be said of it."""


class EncoderError(SqidError):
    """An encoder cannot be loaded, or cannot encode what it was given."""


class InputError(SqidError):
    """A file or an argument that the user gave is not what was expected.

    >>> ESCI.code("Perfect")
    Traceback (most recent call last):
    sqid_core.errors.InputError: unknown label 'Perfect'; expected one of: Exact (E), Substitute (S), ...
    """


class StoreError(SqidError):
    """Judgements cannot be read or stored now: no database, no disk, no right to write."""


class ServerError(SqidError):
    """A server that searches (Milvus) cannot be reached, or does not answer."""


class CheckError(SqidError):
    """A check that was asked for has failed."""
