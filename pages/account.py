"""Who is signed in; there where the server has a login."""

from sqid_ui.login import page
from sqid_ui.shell import frame

frame.begin()
page.run()
