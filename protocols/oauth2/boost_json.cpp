// Boost.JSON, compiled into this library: Debian's headers come without it.
#include <boost/json/src.hpp>
