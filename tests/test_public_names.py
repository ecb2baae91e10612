import sqid_core


def test_the_public_names_are_sorted_and_there() -> None:
    assert sqid_core.__all__ == sorted(sqid_core.__all__, key=lambda name: (not name.isupper(), name.lower() == name, name))
    assert all(hasattr(sqid_core, name) for name in sqid_core.__all__)
