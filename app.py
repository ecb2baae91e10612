"""SQID Explorer. Start with `streamlit run app.py`.

Two roles in one file. Imported by the server it builds the web application, with a route for the bundles' pictures;
executed for a visitor it shows a page. (As two files, AppTest on the main script would see an empty page.)
"""

import os

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

if get_script_run_ctx(suppress_warning=True) is None:
    from streamlit.runtime.pages_manager import PagesManager

    from sqid_ui.judge.routes import judging_routes
    from sqid_ui.login.configured import space_secrets
    from sqid_ui.login.cookie import known_again
    from sqid_ui.login.returning import returning
    from sqid_ui.shell.health import health_routes
    from sqid_ui.shell.map_serving import map_route
    from sqid_ui.shell.messages import bounded_messages
    from sqid_ui.shell.origins import own_origins_only
    from sqid_ui.shell.serving import picture_route, with_modules_ready
    from sqid_ui.shell.unforeseen import told
    from sqid_ui.work.memory import few_heaps

    few_heaps()
    # Until st.navigation has run once, Streamlit takes a folder named pages for its older kind of navigation, and the
    # first visitor's link to a page would run that page without this file.
    PagesManager.uses_pages_directory = False
    app = st.App(
        __file__,
        routes=[picture_route(), map_route(), judging_routes(), *health_routes()],
        middleware=[own_origins_only(), bounded_messages(), known_again(), returning()],
        secrets=space_secrets(os.environ),
        lifespan=with_modules_ready,
        on_script_error=told,
    )
else:
    from sqid_ui.caches import encoders
    from sqid_ui.shell import frame, history, navigation
    from sqid_ui.work.pool import turn

    # Before the navigation: without an icon of its own the app would fetch the page's from the internet.
    st.set_page_config(page_icon=frame.MARK, layout="wide")
    st.logo(frame.MARK, size="large")
    page = st.navigation(navigation.pages(), position="top")
    st.set_page_config(page_title=f"{page.title} · SQID Explorer")
    history.keep_history()
    with turn(page.title):
        page.run()
    # Last: importing torch while the first view is being made would cost that view two seconds.
    dataset = frame.current_dataset()
    if dataset is not None:
        encoders.warm_encoders(dataset)
