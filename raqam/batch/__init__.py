"""Annotating whole corpora: cut into shards of rows, each written once, so that nothing done is ever done again.

:mod:`raqam.batch.plan` cuts the inputs into shards, :mod:`raqam.batch.shards` annotates one, on whatever machine,
:mod:`raqam.batch.local` and :mod:`raqam.batch.distributed` run them all, and :mod:`raqam.batch.jobs` puts what they
wrote together.
"""
