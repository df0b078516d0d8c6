"""Parts of the page that shows single items with their answers."""
