"""The address book: settings, the site's URLs, and the clock that wakes the workers."""
