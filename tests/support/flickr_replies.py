"""What Flickr answers to an upload, for a platform that says what each test wrote."""

from __future__ import annotations

from pathlib import Path

# As recorded from Flickr, and as its documentation shows it.
RECORDED = (Path(__file__).parents[1] / "destinations/fixtures/flickr/upload.xml").read_text("utf-8")

DOCUMENTED = '<?xml version="1.0" encoding="utf-8" ?>\n<rsp stat="ok">\n<photoid>43123716831</photoid>\n</rsp>\n'


def failure(code: int, inner: str = "") -> str:
    head = '<?xml version="1.0" encoding="utf-8" ?>\n'
    return f'{head}<rsp stat="fail">\n\t<err code="{code}" msg="Sorry" />\n{inner}</rsp>\n'


def info(mark: str, number: str = "777", owner: str = "24573443@N04") -> str:
    return (
        f'<rsp stat="ok"><photo id="{number}" media="photo"><owner nsid="{owner}" /><title>t</title><description />'
        '<visibility ispublic="0" isfriend="0" isfamily="0" /><permissions permcomment="3" permaddmeta="2" />'
        f'<tags><tag raw="publisher:mark={mark}" machine_tag="1">publisher:mark={mark}</tag></tags></photo></rsp>'
    )
