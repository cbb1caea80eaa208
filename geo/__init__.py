"""Geography without any knowledge of layers, HTTP or map libraries.

Longitudes and latitudes are WGS 84 in degrees, in the order of CRS84. Distances are geodesic, in kilometres.
"""
