import threading, pathlib
from werkzeug.serving import make_server
from playwright.sync_api import sync_playwright
from app.kernel.clock import now
from blueprints.accounts.keys import make_key
from blueprints.accounts.rules import SCOPES
from tests.factories.shelf import fill_catalogue
from tests.house import KAZAN
def test_shots(house):
    fill_catalogue(house)
    with house.speaking(KAZAN):
        _k, secret = make_key(name="1C", scopes=SCOPES, at=now())
    server = make_server("127.0.0.1", 8000, house.web, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    out = pathlib.Path("/tmp/api_shots"); out.mkdir(exist_ok=True)
    try:
        with sync_playwright() as p:
            b = p.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--host-resolver-rules=MAP *.localhost 127.0.0.1"])
            for w, lang in ((390, "ru"), (1440, "en")):
                page = b.new_page(viewport={"width": w, "height": 900})
                said = []
                page.on("console", lambda m: said.append(m.text)); page.on("pageerror", lambda e: said.append(str(e)))
                page.goto(f"http://teplo-kazan.localhost:8000/api/v1/docs?lang={lang}")
                page.screenshot(path=out/f"{w}-{lang}-top.png")
                page.fill("#api-key", secret)
                page.click("#show_product summary")
                page.fill("#show_product-sku", "PUMP")
                page.click("#show_product [type=submit]")
                page.wait_for_selector("#show_product output pre")
                page.click("#report_stock summary")
                page.click("#report_stock [type=submit]")
                page.wait_for_selector("#report_stock output pre")
                page.locator("#show_product").screenshot(path=out/f"{w}-{lang}-get.png")
                page.locator("#report_stock").screenshot(path=out/f"{w}-{lang}-patch.png")
                print(w, said, page.evaluate("document.documentElement.scrollWidth"))
            b.close()
    finally:
        server.shutdown()
