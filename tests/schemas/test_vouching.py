"""What agencies sign: some statements of a batch lead to its root, whichever they are, and no others do."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.audit import merkle, standalone
from schemas import vouching
from schemas.catalogue import parse_event
from schemas.vouching import beside, digests_of, parts_of, root_of, statement, taken_apart, tree, with_voucher
from schemas.wire import encode
from tests.events import missing
from tests.strategies import case_events

SECRET = bytes(range(32))


def leaves_of(size):
    return [sha256(n.to_bytes(4, "big")).digest() for n in range(size)]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 33, 100])
def test_the_tree_is_that_of_rfc_9162_with_its_paths(size):
    leaves = leaves_of(size)
    root, paths = tree(leaves)
    reference = merkle.Frontier()
    for leaf in leaves:
        reference.append(leaf)

    assert reference.root() == root
    for place, (leaf, path) in enumerate(zip(leaves, paths, strict=True)):
        steps = tuple(path[at : at + 32] for at in range(0, len(path), 32))
        assert merkle.verify_inclusion(merkle.Proof(place, size, steps), leaf, root)


@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, 70), data=st.data())
def test_any_of_a_batchs_statements_lead_to_its_root_with_the_nodes_beside_them(size, data):
    leaves = leaves_of(size)
    root, paths = tree(leaves)
    some = data.draw(st.sets(st.integers(0, size - 1), min_size=1))
    nodes = beside(size, {place: paths[place] for place in some})
    under = {place: leaves[place] for place in some}

    assert root == root_of(size, under, nodes) == standalone.leads_to(size, under, nodes)
    wrong = data.draw(st.sampled_from(sorted(some)))
    assert root != root_of(size, under | {wrong: bytes(32)}, nodes)
    for spoilt in (nodes + bytes(32), nodes[:-32]):
        if spoilt != nodes:
            assert standalone.leads_to(size, under, spoilt) != root
            with pytest.raises(ValueError, match="left over"):
                root_of(size, under, spoilt)


@pytest.mark.parametrize("places", [{}, {5: bytes(32)}, {-1: bytes(32)}])
def test_what_is_no_leaf_of_the_tree_leads_nowhere(places):
    with pytest.raises(ValueError, match="not leaves"):
        root_of(5, places, b"")
    assert standalone.leads_to(5, places, b"") is None


@settings(max_examples=40, deadline=None)
@given(event=case_events())
def test_what_an_agency_digests_is_what_the_hub_reads_whatever_is_said(event):
    body = encode(event)
    said = statement(event.agency, body, SECRET)

    assert said.digests == digests_of(said.salts, body, parts_of(parse_event(body)))


def test_the_same_event_is_the_same_statement_and_equal_words_of_another_have_other_digests():
    one, again = (statement("police", encode(missing("m1")), SECRET) for _ in range(2))
    other = statement("police", encode(missing("m2")), SECRET)
    anothers = statement("police", encode(missing("m1")), bytes(32))
    digests = [
        {s.digests[at : at + 32] for at in range(0, len(s.digests), 32)} for s in (one, other, anothers)
    ]

    assert one == again
    assert len(digests[0] | digests[1] | digests[2]) == sum(map(len, digests))
    assert len(one.salts) == len(one.digests) // 2


def test_no_bytes_move_from_a_parts_name_into_its_body():
    assert vouching.digest(bytes(16), "health", b"x") != vouching.digest(bytes(16), "healt", b"hx")


@pytest.mark.parametrize("spoilt", [b"", b"{}", b"\x01", b"\x01" + bytes(range(40))])
def test_a_body_without_a_voucher_is_refused(spoilt):
    with pytest.raises(ValueError, match=r"voucher|part"):
        taken_apart(spoilt)


def test_a_voucher_travels_before_its_event_and_comes_apart_again():
    said = statement("police", b"{}", SECRET)
    voucher, body = taken_apart(with_voucher(said, b"signed", 3, b"p" * 32))

    assert (b"signed", 3, b"p" * 32, said.salts, said.digests, b"{}") == (*voucher, body)
