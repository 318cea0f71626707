"""Pictures that are something else, too large, broken, or carry what nobody should be served."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Iterator

from PIL import Image, PngImagePlugin

from tests.trust.files import MARK, Hostile, fixed
from tests.trust.files.tables import packed

PAGE = f"<html><script>alert('{MARK}')</script></html>".encode()


def pictures() -> Iterator[Hostile]:
    """All of them."""
    for name, body in _no_pictures().items():
        yield Hostile(f"picture: {name}", fixed(body), filename="logo.png")
    for kind in ("PNG", "JPEG", "GIF", "WEBP"):
        whole = drawn(kind)
        yield Hostile(f"picture: half a {kind}", fixed(whole[: len(whole) // 3]))
        yield Hostile(f"picture: mark of a {kind} and rubbish", fixed(whole[:12] + bytes(range(256)) * 20))
        yield Hostile(f"picture: {kind} and a page", fixed(whole + PAGE), taken=True, filename=f"x.{kind.lower()}.html")
        yield Hostile(
            f"picture: {kind} and a ZIP", fixed(whole + packed({"x.html": PAGE})), taken=True, filename="x.jar"
        )
    for name, make in _bombs().items():
        yield Hostile(f"picture: {name}", make)
    for name, make in _carrying().items():
        yield Hostile(f"picture: {name}", make, taken=True)
    for filename in (
        "../../../evil.php",
        "evil.html\x00.png",
        "a" * 2000 + ".png",
        "..\\evil.svg",
        ".htaccess",
        "con.png;.asp",
    ):
        yield Hostile(f"picture: called {filename[:20]!r}", lambda: drawn("PNG"), taken=True, filename=filename)


def drawn(kind: str, size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: object) -> bytes:
    """A picture."""
    out = io.BytesIO()
    picture = Image.new(mode, size, 0)
    picture.putpixel((3, 3), 1 if mode in ("1", "L", "P") else (9, 9, 9, 9)[: len(mode)])
    picture.save(out, kind, **options)
    return out.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    """A piece of a PNG, its sum right."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *chunks: bytes, depth: int = 8, colour: int = 2, data: bytes = b"") -> bytes:
    """A PNG that may say anything of itself."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def _no_pictures() -> dict[str, bytes]:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">%s</svg>'
    return {
        "drawing with a script": svg % b"<script>alert(1)</script>",
        "drawing with a file": b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + svg % b"<text>&x;</text>",
        "drawing with an address": svg % b'<image href="http://169.254.169.254/"/>',
        "page": PAGE,
        "page that begins as GIF": b"GIF89a/*" + PAGE + b"*/=1;",
        "program": b"MZ\x90\x00" + bytes(200),
        "PHP": b"<?php system('id'); ?>",
        "archive": packed({"x.html": PAGE}),
        "nothing": b"",
        "one byte": b"\x89",
        "PDF": b"%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(1)>>>>",
        "letters": b"x" * 5000,
        "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id) (w) file\n",
        "BMP": drawn("BMP"),
        "TIFF": drawn("TIFF"),
        "ICO": drawn("ICO"),
        "TGA": drawn("TGA"),
        "PPM": drawn("PPM"),
        "PCX": drawn("PCX"),
        "JPEG 2000": b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(300),
        "PSD": b"8BPS\x00\x01" + bytes(300),
        "AVIF": b"\x00\x00\x00\x1cftypavif" + bytes(300),
        "film": b"\x00\x00\x00\x18ftypmp42" + bytes(300),
        "FLI": b"\x00\x00\x00\x00\x11\xaf" + bytes(300),
        "DDS": b"DDS " + bytes(300),
        "old Windows": b"\xd7\xcd\xc6\x9a" + bytes(300),
        "random bytes": random.Random(7).randbytes(50_000),
    }


def _bombs() -> dict[str, object]:
    return {
        "30,000 × 30,000 in a few bytes": lambda: png(30_000, 30_000, depth=1, colour=0, data=bytes(9000)),
        "2 thousand million wide": lambda: png(2**31 - 1, 2**31 - 1),
        "width 0": lambda: png(0, 5),
        "one pixel high, 30 million wide": lambda: png(30_000_000, 1, depth=1, colour=0),
        "colours that are none": lambda: png(5, 5, colour=7),
        "depth that is none": lambda: png(5, 5, depth=77),
        "GIF of 65,535 × 65,535": lambda: b"GIF89a\xff\xff\xff\xff\x80\x00\x00\x00\x00\x00\xff\xff\xff" + bytes(50),
        "JPEG of 65,500 × 65,500": lambda: _with_jpeg_size(65_500, 65_500),
        "WebP of 16,383 × 16,383": lambda: _with_webp_size(16_383),
        "6 MB": lambda: random.Random(7).randbytes(6 * 1024 * 1024),
        "6 MB behind a picture": lambda: drawn("PNG") + bytes(6 * 1024 * 1024),
        "words of 60 MB packed": lambda: png(
            9, 9, chunk(b"zTXt", b"k\x00\x00" + zlib.compress(bytes(60_000_000))), data=bytes(9 * 28)
        ),
        "profile of 60 MB packed": lambda: png(
            9, 9, *[chunk(b"iTXt", b"k\x00\x01\x00\x00\x00" + zlib.compress(bytes(30_000_000)))] * 3, data=bytes(9 * 28)
        ),
        "sum forged": lambda: drawn("PNG").replace(b"IDAT", b"IDAS"),
        "pieces without end": lambda: drawn("PNG")[:33] + struct.pack(">I", 2**31 - 1) + b"IDAT" + bytes(90),
    }


def _with_jpeg_size(width: int, height: int) -> bytes:
    body = bytearray(drawn("JPEG"))
    at = body.index(b"\xff\xc0")
    struct.pack_into(">HH", body, at + 5, height, width)
    return bytes(body)


def _with_webp_size(side: int) -> bytes:
    body = bytearray(drawn("WEBP"))
    at = body.index(b"\x9d\x01\x2a") + 3
    struct.pack_into("<HH", body, at, side, side)
    return bytes(body)


def _carrying() -> dict[str, object]:
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", PAGE.decode())
    exif = Image.Exif()
    exif[0x010E], exif[0x8298] = f"<?php {MARK} ?>", PAGE.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (55.0, 45.0, 0.0)})
    frames = [Image.new("P", (40, 40), n % 255) for n in range(300)]
    return {
        "page in a PNG's words": lambda: drawn("PNG", pnginfo=words),
        "page in a GIF's remark": lambda: drawn("GIF", mode="P", comment=PAGE),
        "page in a JPEG's remark": lambda: drawn("JPEG", comment=PAGE),
        "PHP and a place in the EXIF": lambda: drawn("JPEG", exif=exif),
        "page in the EXIF of a WebP": lambda: drawn("WEBP", exif=exif),
        "page for a profile": lambda: drawn("PNG", icc_profile=PAGE * 20),
        "page for a profile of a JPEG": lambda: drawn("JPEG", icc_profile=PAGE * 20),
        "page for a profile of a WebP": lambda: drawn("WEBP", icc_profile=PAGE * 20),
        "GIF of three hundred pictures": lambda: _saved(frames, "GIF"),
        "WebP of thirty pictures": lambda: _saved(frames[:30], "WEBP"),
        "PNG of thirty pictures": lambda: _saved(frames[:30], "PNG"),
        "one bit": lambda: drawn("PNG", mode="1"),
        "four colours": lambda: drawn("JPEG", mode="CMYK"),
        "long and thin": lambda: drawn("PNG", size=(20_000, 4)),
    }


def _saved(frames: list[Image.Image], kind: str) -> bytes:
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=10)
    return out.getvalue()
