### start
#include <fenv.h>
void *malloc(unsigned long), free(void *);
double exp(double), log(double), expm1(double), log1p(double), pow(double, double);
double sin(double), cos(double), tanh(double), erf(double), erfc(double);
#define abs __builtin_fabs
#define sqrt __builtin_sqrt
### run
void run(long runs, long epochs, double *weights, double *memory, double lr, const double *t,
         const double *rows, const int *order, long stride, double *losses, unsigned char *failed)
{{
  for (long r = 0; r < runs; r++) {{
    feclearexcept(FE_ALL_EXCEPT);
    int zero = one(epochs, weights + {weights} * r, memory + {memory} * r, lr, t[r],
        rows, order + stride * epochs * r, stride, losses ? losses + epochs * r : 0);
    failed[r] = zero || fetestexcept(FE_DIVBYZERO | FE_INVALID | FE_OVERFLOW) != 0;
  }}
}}
