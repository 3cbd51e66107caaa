"""One scan for all pages: what a code means, the page that looks codes up, linking of unknown codes.

The contract for pages (static/js/app.js recognises the gun, static/js/scan.js does the rest):

- A scan of any source is one event on ``document``: ``scanned``, cancelable, with ``detail`` of
  ``code`` (the text), ``source`` (gun, camera, typed), ``since`` (when a gun began to type, as events count time), ``meaning()`` (a promise of what ``/scan/read/`` says;
  unknown codes have been offered for linking by then; null: it means nothing here), ``say(tone, text)``
  (tone ok, warn or bad: sound, vibration, and the line that shows the last scan) and ``carry()`` (the next page
  takes the scan).
- A page that takes scans calls ``event.preventDefault()``; elsewhere the thing that was scanned is opened.
  Events come in the order of the scans; a page that awaits ``meaning()`` keeps that order with a chain of
  promises. A blind count uses ``detail.code`` with its own door, for ``/scan/read/`` tells no quantities on hand.
- To give a code from elsewhere (camera, a field): dispatch ``scan-code`` on ``document`` with ``detail``
  ``{code, source}``. A button with ``data-camera`` opens the camera; its page needs ``core.edge.scanning_page``.
- A card of commands (boards/labels/content.py) is no ``scanned`` but the event ``command``, cancelable, with ``detail``
  of ``name``, ``since`` and ``say``. Commands write what a scan could write; what sends a document on is only pointed
  at, and a person presses it.
- A scan waits until the scripts of its page listen (``data-scans="on"`` on the root element); one that comes while
  the next page is on its way goes along to that page.
- Typing is never eaten: only four or more keys at a gun's pace that end with Enter or Tab are a scan; what they
  left in a field is taken out again. Password fields are never read.
"""
