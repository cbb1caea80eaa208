"""OGC API – Features: Part 1 (Core), Part 2 (coordinate reference systems) and Part 3 (filtering) over the catalog.

``negotiation`` decides what form an answer has, ``parameters`` reads what was asked, ``documents`` says what each resource
holds, ``items`` answers with features, ``openapi`` and ``schemas`` describe all of it, ``render`` and
``featurepages`` show it to people. JSON and HTML are two
renderings of one dictionary.
"""
