"""Headers lie end to end in the embedded log: what was laid there comes back, cut short as far as it goes."""

from schemas.topic_log import pack_headers, unpack_headers

HEADERS = (("ce_id", b"one"), ("ce_type", b""), ("traceparent", b"\x00\xff"))


def test_headers_come_back_as_they_were_laid_down():
    for headers in (HEADERS, ()):
        assert headers == unpack_headers(pack_headers(headers))


def test_what_is_cut_short_comes_back_as_far_as_it_goes():
    packed = pack_headers(HEADERS)

    assert (*HEADERS[:2], ("traceparent", b"\x00")) == unpack_headers(packed[:-1])
    assert (("ce_id", b"one"), ("ce_t", b""), ("", b"")) == unpack_headers(packed[:-16])
