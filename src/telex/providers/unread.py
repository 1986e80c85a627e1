"""An answer at which a decoder itself stumbles: a failure of that model, not of the turn."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from telex.errors import ProviderError
from telex.providers.base import Decoder

logger = logging.getLogger(__name__)

UNREAD = "The model's server sent an answer that telex cannot read; the log says where it stumbled."


@contextmanager
def read_by(decoder: Decoder) -> Iterator[None]:
    """Around everything that is done with a decoder; what those raise who listen to it stays what it is.

    Raises:
        ProviderError: the decoder raised something else; the log holds where.
    """
    try:
        yield
    except ProviderError:
        raise
    except Exception as error:
        frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
        if not any(frame.f_locals.get("self") is decoder for frame in frames):
            raise
        logger.exception("%s stumbled over an answer", type(decoder).__name__)
        raise ProviderError(UNREAD) from None
