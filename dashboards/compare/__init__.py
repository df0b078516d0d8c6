"""Parts of the page that sets a run's model beside others."""
