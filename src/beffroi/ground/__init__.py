"""The ground every capability stands on: kernel, net, storage, trust, ledger, records."""
