"""XML that defines, includes, nests, lies about its encoding or names what is not its own."""

from __future__ import annotations

from collections.abc import Iterator

from tests.trust.files import MARK, Hostile, fixed

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
PASSWD, METADATA = "file:///etc/passwd", "http://169.254.169.254/latest/meta-data/"
LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))


def goods(name: str = MARK, extra: str = "", attributes: str = "") -> str:
    """CommerceML with one product."""
    return (
        f'<КоммерческаяИнформация ВерсияСхемы="2.10" ДатаФормирования="2026-11-23T10:00:00"{attributes}><Каталог>'
        f"<Ид>c</Ид><Наименование>Каталог</Наименование><Товары><Товар><Ид>p1</Ид><Артикул>H-1</Артикул>"
        f"<Наименование>{name}</Наименование>{extra}</Товар></Товары></Каталог></КоммерческаяИнформация>"
    )


def shop(name: str = MARK, extra: str = "") -> str:
    """YML with one offer."""
    return (
        '<yml_catalog date="2026-11-23"><shop><categories><category id="1">К</category></categories><offers>'
        f'<offer id="o1"><name>{name}</name><price>1</price><currencyId>RUB</currencyId><categoryId>1</categoryId>'
        f"{extra}</offer></offers></shop></yml_catalog>"
    )


def documents() -> Iterator[Hostile]:
    """All of them."""
    for name, body in {**_declaring(), **_including(), **_misshapen(), **_encoded()}.items():
        yield Hostile(f"xml: {name}", fixed(body))
    for name, size in {"depth 100": 100, "depth 10,000": 10_000, "depth 300,000": 300_000}.items():
        yield Hostile(f"xml: {name}", lambda size=size: (HEAD + goods(extra="<a>" * size + "</a>" * size)).encode())
    yield Hostile("xml: never closed", lambda: (HEAD + "<КоммерческаяИнформация>" + "<a>" * 300_000).encode())
    yield Hostile("xml: text of 12 MB", lambda: (HEAD + goods(name="А" * 6_000_000)).encode())
    yield Hostile("xml: attribute of 2 MB", lambda: (HEAD + goods(attributes=f' a="{"x" * 2_000_000}"')).encode())
    yield Hostile("xml: 5,000 attributes", lambda: _with_attributes(5_000))
    yield Hostile("xml: a record of 400,000 parts", lambda: (HEAD + goods(extra="<a/>" * 400_000)).encode())
    yield Hostile("xml: name of 1 MB", lambda: (HEAD + goods(extra=f"<{'a' * 1_000_000}/>")).encode())
    yield Hostile("xml: 1 MB of entities that may be", lambda: (HEAD + goods("&amp;" * 250_000)).encode(), taken=True)
    for name, body in _taken().items():
        yield Hostile(f"xml: {name}", fixed(HEAD + body), taken=True)


def _with_attributes(number: int) -> bytes:
    return (HEAD + goods(attributes="".join(f' a{n}="1"' for n in range(number)))).encode()


def _declaring() -> dict[str, str | bytes]:
    """DOCTYPE in every shape."""
    entity = {
        "a thousand million laughs": f'<!ENTITY l0 "ha">{LAUGHS}',
        "quadratic growth": f'<!ENTITY l9 "{"a" * 100_000}">',
        "file as entity": f'<!ENTITY l9 SYSTEM "{PASSWD}">',
        "address as entity": f'<!ENTITY l9 SYSTEM "{METADATA}">',
        "public entity": f'<!ENTITY l9 PUBLIC "-//X//Y" "{METADATA}">',
        "parameter entity": f'<!ENTITY % x SYSTEM "{METADATA}">%x;<!ENTITY l9 "">',
        "entity that names itself": '<!ENTITY l9 "&l9;">',
        "two that name each other": '<!ENTITY l8 "&l9;"><!ENTITY l9 "&l8;">',
        "unparsed entity": '<!NOTATION n SYSTEM "calc"><!ENTITY l9 SYSTEM "x" NDATA n>',
        "attributes by default": f'<!ATTLIST Товар x CDATA "{"a" * 100_000}"><!ENTITY l9 "">',
    }
    whole = {name: f"{HEAD}<!DOCTYPE x [{text}]>{goods('&l9;' * 50)}" for name, text in entity.items()}
    kinds = {
        "empty": "<!DOCTYPE x>",
        "with a subset": "<!DOCTYPE x []>",
        "of a file": f'<!DOCTYPE x SYSTEM "{PASSWD}">',
        "of an address": f'<!DOCTYPE x SYSTEM "{METADATA}">',
        "public": f'<!DOCTYPE x PUBLIC "a" "{METADATA}">',
        "after a remark": "<!-- x --><!DOCTYPE x>",
        "after an instruction": "<?a b?><!DOCTYPE x>",
        "over lines": "\n\n<!DOCTYPE\n\tx\n>",
        "with an element": "<!DOCTYPE x [<!ELEMENT x ANY>]>",
        "twice": "<!DOCTYPE x><!DOCTYPE y>",
        "never ended": "<!DOCTYPE x [",
    }
    found: dict[str, str | bytes] = {**whole}
    found |= {f"DOCTYPE {name}": HEAD + text + goods() for name, text in kinds.items()}
    found |= {f"YML, DOCTYPE {name}": HEAD + text + shop() for name, text in list(kinds.items())[:5]}
    found |= {
        "DOCTYPE in UTF-16": f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x>{goods()}'.encode("utf-16"),
        "DOCTYPE after a mark": b"\xef\xbb\xbf" + f"{HEAD}<!DOCTYPE x>{goods()}".encode(),
        "DOCTYPE in windows-1251": f'<?xml version="1.0" encoding="windows-1251"?><!DOCTYPE x>{goods()}'.encode(
            "cp1251"
        ),
    }
    return found


def _including() -> dict[str, str | bytes]:
    """Other documents wanted, and other kinds of XML."""
    xi = 'xmlns:xi="http://www.w3.org/2001/XInclude"'
    return {
        "web page": "<html><script>alert(1)</script></html>",
        "drawing": '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "stylesheet": (
            '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/">'
            f"<xsl:copy-of select=\"document('{PASSWD}')\"/></xsl:template></xsl:stylesheet>"
        ),
        "envelope": '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>',
        "inclusion for a root": f'<xi:include {xi} href="{PASSWD}" parse="text"/>',
        "stylesheet named, no root": f'<?xml-stylesheet type="text/xsl" href="{METADATA}"?>',
        "orders": "<КоммерческаяИнформация ВерсияСхемы='2.10'><Документ><Ид>1</Ид></Документ></КоммерческаяИнформация>",
        "nothing inside": "<КоммерческаяИнформация ВерсияСхемы='2.10'/>",
    }


def _misshapen() -> dict[str, str | bytes]:
    whole = goods()
    return {
        "cut off": HEAD + whole[:200],
        "two roots": HEAD + whole + whole,
        "junk behind": HEAD + whole + "junk",
        "closed wrongly": HEAD + whole.replace("</Товар>", "</Товары>"),
        "attribute twice": '<a b="1" b="2"/>',
        "prefix of nobody": "<x:КоммерческаяИнформация/>",
        "entity of nobody": HEAD + goods("&nobody;"),
        "no end of CDATA": HEAD + goods("<![CDATA[x"),
        "no end of a remark": HEAD + goods("<!-- x"),
        "character 0": HEAD + goods("&#0;"),
        "character beyond all": HEAD + goods("&#x7fffffff;"),
        "half a character": HEAD + goods("&#xD800;"),
        "control sign": HEAD + goods("a\x01b"),
        "NUL": HEAD + goods("a\x00b"),
        "remark with dashes": HEAD + goods("<!-- -- -->"),
        "declared twice": HEAD + HEAD + whole,
        "only a declaration": HEAD,
        "only a bracket": "<",
        "only brackets": "<" * 100_000,
        "of the year": f'<?xml version="9.9"?>{whole[:100]}',
    }


def _encoded() -> dict[str, str | bytes]:
    def said(encoding: str, body: bytes) -> bytes:
        return f'<?xml version="1.0" encoding="{encoding}"?>'.encode() + body

    text = goods()
    return {
        "UTF-7": said("UTF-7", text.encode("utf-7")),
        "EBCDIC": said("cp037", b"").decode().encode("cp037"),
        "UTF-32": text.encode("utf-32"),
        "encoding of nobody": said("no-such", text.encode()),
        "broken UTF-8": said("UTF-8", text.encode().replace("З".encode(), b"\xd0\xff")),
        "windows said to be UTF-8": said("UTF-8", text.encode("cp1251")),
        "UTF-16 without a mark": text.encode("utf-16-le"),
        "UTF-16, an odd byte": text.encode("utf-16") + b"x",
        "encoding of 10,000 letters": said("x" * 10_000, text.encode()),
    }


def _taken() -> dict[str, str]:
    """Read like any other file; what they point at is not."""
    pictures = (
        PASSWD,
        METADATA,
        "../../../etc/passwd",
        "/etc/passwd",
        "..\\..\\secrets.json",
        "C:\\x.png",
        "//evil.example/x",
    )
    found = {f"picture at {path}": goods(extra=f"<Картинка>{path}</Картинка>") for path in pictures}
    found |= {
        "inclusion inside": goods(
            extra=f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{PASSWD}" parse="text"/>'
        ),
        "schema elsewhere": goods(
            attributes=(
                ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
                f' xsi:schemaLocation="urn:1C.ru:commerceml_2 {METADATA}"'
            )
        ),
        "base elsewhere": goods(attributes=f' xml:base="{METADATA}"'),
        "stylesheet named": f'<?xml-stylesheet type="text/xsl" href="{METADATA}"?>' + goods(),
        "script for a name": goods("&lt;script&gt;alert(1)&lt;/script&gt;"),
        "formula for a name": goods("=cmd|' /C calc'!A0"),
        "template for a name": goods("{{ config }}{% raw %}${7*7}"),
        "query for a name": goods("'); DROP TABLE products; --"),
        "text turned round": goods("\u202egnp.exe\u202c"),
        "address of a script in YML": shop(
            extra="<url>javascript:alert(1)</url><picture>javascript:alert(1)</picture>"
        ),
    }
    return found
