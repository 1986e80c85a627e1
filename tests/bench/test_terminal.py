import asyncio

from telex.bench.terminal import BYTES, measure


def test_the_terminals_bench_sees_every_word_of_both_programs() -> None:
    figures = asyncio.run(measure(answers=1, words=5))
    assert [len(delays) for delays in (*figures.first, *figures.later)] == [1, 1, 4, 4]
    assert 1 <= figures.bytes_each[1] < figures.bytes_each[0] <= 5 * BYTES  # five words do not outweigh a spinner
