"""What marks tests in several files."""
import pytest

# With TLS it expects something else, or it moves bytes by itself.
WITHOUT_TLS = pytest.mark.parametrize("demo", ["plain"], indirect=True)
