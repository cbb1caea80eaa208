import pytest

from web.app import create_app


@pytest.fixture(scope="session")
def app(atlas):
    app = create_app(atlas)
    app.testing = False  # errors are answered as they are in service
    return app


@pytest.fixture
def client(app):
    return app.test_client()
