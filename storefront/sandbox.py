"""Keep ``python -m storefront.sandbox`` working: the sandbox is the package jibit_sandbox now."""

import runpy

if __name__ == "__main__":
    runpy.run_module("jibit_sandbox", run_name="__main__", alter_sys=True)
