"""Run `python -m storefront`: see :mod:`storefront.devserver`."""

import sys

from storefront.devserver.main import main

sys.exit(main())
