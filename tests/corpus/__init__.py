"""The reference adapter on real recordings, which are not part of this repository.

exchanges.py finds them, player.py plays them to the adapter, reading.py reads them on its own, table.py writes
docs/corpus.md. They are looked for in $CONFORMANCE_CORPUS, or in ../shared/corpus beside the project.
"""
