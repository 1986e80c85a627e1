"""A turn as a file: everything its presenter was given and did, with the times, and whether it would do so again."""
