"""SQID Explorer. Start with `streamlit run app.py`.

Two roles in one file. Imported by the server it builds the web application, with a route for the bundles' pictures;
executed for a visitor it shows a page. (As two files, AppTest on the main script would see an empty page.)
"""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

if get_script_run_ctx(suppress_warning=True) is None:
    from ui.serving import picture_route, with_modules_ready

    app = st.App(__file__, routes=[picture_route()], lifespan=with_modules_ready)
else:
    from ui import frame, resources

    st.set_page_config(page_title="SQID Explorer", page_icon=frame.MARK, layout="wide")
    st.logo(frame.MARK, size="large")
    page = st.navigation(
        [
            st.Page("app_pages/search.py", title="Search", icon=":material/search:", default=True),
            st.Page("app_pages/about.py", title="About", icon=":material/info:"),
        ],
        position="top",
    )
    frame.style()
    if frame.open_bundle(page.url_path):
        page.run()
        # Last: importing torch while the first view is being made would cost that view two seconds.
        resources.warm_encoders(frame.current_dataset())
