import sqid_core


def test_every_public_name_is_there_once() -> None:
    """That they are sorted is the linter's business (RUF022)."""
    assert len(set(sqid_core.__all__)) == len(sqid_core.__all__)
    assert all(hasattr(sqid_core, name) for name in sqid_core.__all__)
