"""The sample district: seven weeks of department files, 1 February to 18 March 2020, all of it invented.

Out:  `<DEPT>/<file>` for every department, and `history.csv` with the moments of arrival.
Read: deliveries.write_district → reports → district.
Owns: nothing but what it writes. `fugong sample` imports it from the district's folder `include/samples`.
"""

from .deliveries import arrived, write_district

__all__ = ["arrived", "write_district"]
