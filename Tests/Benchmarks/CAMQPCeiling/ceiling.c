#include "ceiling.h"
