"""Several posts lost at once: each is found, and none is taken for another."""

from telex.surfaces.telegram.lost import Ids


def test_where_two_posts_are_lost_each_may_have_the_id_of_the_other():
    ids = Ids()
    ids.saw(100)
    first, second = ids.search(100), ids.search(100)
    assert first.next(ids) == 101
    first.tried.add(101)
    assert first.next(ids) == 102
    first.tried.add(102)
    assert first.next(ids) is None
    assert second.next(ids) == 101


def test_a_search_that_is_over_leaves_no_room_behind():
    ids = Ids()
    ids.saw(100)
    search, over = ids.search(100), ids.search(100)
    ids.saw(102)
    del over
    search.tried.update({101, 103})
    assert search.next(ids) is None
