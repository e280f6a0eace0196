# SPDX-License-Identifier: GPL-3.0-or-later
"""holograd from Python: one file on ctypes and numpy, no build step.

    import holograd
    result = holograd.run("train", config)          # dict in, dict out: what `holograd train` writes
    fit = holograd.Fit(config)                      # a pure function of the parameters
    loss, gradient = fit.loss(p)                    # for scipy.optimize
    r, J = fit.residuals(p)                         # for scipy.optimize.least_squares, emcee, ...

Copy it beside your script.  The library is looked for in $HOLOGRAD_LIBRARY, beside this file, then where the system has
its libraries.  Relative file names in a config resolve in the working directory, or beside `name` when it is given.
"""
import ctypes
import ctypes.util
import json
import os
import threading
import warnings

import numpy as np

_P = ctypes.POINTER(ctypes.c_double)
_STOP = ["none", "loss_tol", "grad_tol", "step_tol", "stalled", "max_iter", "max_time", "interrupted"]


def _load():
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "libholograd.so.0")
    path = (os.environ.get("HOLOGRAD_LIBRARY") or (here if os.path.exists(here) else None) or
            ctypes.util.find_library("holograd") or "libholograd.so.0")
    try:
        return ctypes.CDLL(path)
    except OSError as e:
        raise OSError(f"{e}: `make lib` builds it in build/, `make install` installs it; HOLOGRAD_LIBRARY says where "
                      "it is") from None


_lib = _load()


def _declare(name, result, *arguments):
    f = getattr(_lib, name)
    f.restype, f.argtypes = result, arguments


_V, _S, _N, _I = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int
_TEXT = ctypes.POINTER(ctypes.c_void_p)
_declare("holograd_version", _S)
_declare("holograd_text_free", None, _V)
_declare("holograd_ctx_create", _I, _V, _TEXT)
_declare("holograd_ctx_destroy", None, _V)
_declare("holograd_ctx_error", _S, _V)
_declare("holograd_ctx_n_warnings", _N, _V)
_declare("holograd_ctx_warning", _S, _V, _N)
_declare("holograd_run", _I, _V, _S, _S, _S, _TEXT)
_declare("holograd_run_command", _S, _N)
_declare("holograd_run_kind", _S, _N)
_declare("holograd_run_schema", _I, _V, _S, _TEXT)
_declare("holograd_fit_create", _I, _V, _S, _S, _TEXT)
_declare("holograd_fit_destroy", None, _V)
_declare("holograd_fit_n_params", _N, _V)
_declare("holograd_fit_param_name", None, _V, _N, _S)
_declare("holograd_fit_param_trained", _I, _V, _N, _P, _P)
_declare("holograd_fit_start", _I, _V, _N, _P)
_declare("holograd_fit_n_points", _N, _V)
_declare("holograd_fit_data", _I, _V, _P, _P, _P)
_declare("holograd_fit_loss", _I, _V, _P, _P, _P)
_declare("holograd_fit_n_residuals", _N, _V)
_declare("holograd_fit_residuals", _I, _V, _P, _P, _P)
_declare("holograd_fit_predict", _I, _V, _P, _P, _P, _P)
_declare("holograd_fit_metric", _I, _V, _P, _N, _P, _P, _P)

NEGATIVE = 1  # ran, with a negative verdict


def _names(call):
    names = []
    while call(len(names)):
        names.append(call(len(names)).decode())
    return names


version = _lib.holograd_version().decode()
commands = _names(_lib.holograd_run_command)  # of run()
kinds = _names(_lib.holograd_run_kind)  # of schema()


class Error(RuntimeError):
    """What the library refused, in one line; `status` is the exit code that the program would have."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


class _Options(ctypes.Structure):
    _fields_ = [("seed", ctypes.c_uint64), ("threads", ctypes.c_int), ("max_time", ctypes.c_double),
                ("log", ctypes.c_void_p), ("cancel", ctypes.c_void_p)]


class _Context:
    def __init__(self, seed=0, threads=0, max_time=0.0):
        self.handle = ctypes.c_void_p()
        self.cancel = ctypes.c_int(0)  # the library looks at it while it works
        options = _Options(seed, threads, max_time, None, ctypes.addressof(self.cancel))
        if _lib.holograd_ctx_create(ctypes.byref(options), ctypes.byref(self.handle)):
            raise MemoryError("holograd_ctx_create")

    def __del__(self):
        if getattr(self, "handle", None):
            _lib.holograd_ctx_destroy(self.handle)

    def check(self, status):
        if status:
            raise Error(status, _lib.holograd_ctx_error(self.handle).decode())

    def warnings(self):
        n = _lib.holograd_ctx_n_warnings(self.handle)
        return [_lib.holograd_ctx_warning(self.handle, i).decode() for i in range(n)]

    def text(self, call, *arguments):
        out, status = ctypes.c_void_p(), []
        # In a thread of its own: Python hears Ctrl-C only between its own instructions, and a call may take minutes.
        work = threading.Thread(target=lambda: status.append(call(self.handle, *arguments, ctypes.byref(out))))
        work.start()
        try:
            work.join()
        except KeyboardInterrupt:
            self.cancel.value = 1
            work.join()
            _lib.holograd_text_free(out)
            raise
        status = status[0]
        try:
            if status == NEGATIVE and out:
                warnings.warn(_lib.holograd_ctx_error(self.handle).decode(), stacklevel=3)
            else:
                self.check(status)
            return ctypes.string_at(out).decode()
        finally:
            _lib.holograd_text_free(out)


def _plain(x):
    """Arrays and numbers of numpy, for json."""
    if isinstance(x, (np.ndarray, np.generic)):
        return x.tolist()
    raise TypeError(f"{type(x).__name__} in a config: must be what JSON can say")


def _encode(config):
    if isinstance(config, os.PathLike) or isinstance(config, str) and not config.lstrip().startswith("{"):
        raise ValueError(f"{str(config)[:60]!r}: a config is a dict or JSON text, not a file name: json.load(open(...)); "
                         "name=... says where it stands")
    return (config if isinstance(config, str) else json.dumps(config, default=_plain)).encode()


def run(command, config, name=None, **options):
    """Do what a command of the program does (one of `commands`): a dict (or JSON text) in, a dict out.  A negative verdict, as
    of "gradcheck" and "study", is a warning; Ctrl-C ends it.  Options: seed, threads (-1: all), max_time."""
    return json.loads(_Context(**options).text(_lib.holograd_run, command.encode(),
                                               os.fsencode(name) if name else None, _encode(config)))


def schema(kind):
    """JSON schema of a kind of file, one of `kinds`."""
    return json.loads(_Context().text(_lib.holograd_run_schema, kind.encode()))


def _array(x):
    return np.ascontiguousarray(x, dtype=float)


def _pointer(x):
    return None if x is None else x.ctypes.data_as(_P)


class Fit:
    """Data, metric, bulk equation, dictionary, flow and loss of a train config: pure functions of the parameter vector p, in
    natural units.  One Fit is for one thread at a time; make one per thread or process."""

    def __init__(self, config, name=None, **options):
        self._ctx = _Context(**options)
        self._handle = ctypes.c_void_p()
        self._ctx.check(_lib.holograd_fit_create(self._ctx.handle, os.fsencode(name) if name else None, _encode(config),
                                                 ctypes.byref(self._handle)))
        n, m = _lib.holograd_fit_n_params(self._handle), _lib.holograd_fit_n_points(self._handle)
        self.n_params, self.n_points = n, m
        self.n_residuals = _lib.holograd_fit_n_residuals(self._handle)
        self.names, self.trained, self.bounds = [], np.zeros(n, bool), np.zeros((n, 2))
        for i in range(n):
            word, lo, hi = ctypes.create_string_buffer(64), ctypes.c_double(), ctypes.c_double()
            _lib.holograd_fit_param_name(self._handle, i, word)
            self.names.append(word.value.decode())
            self.trained[i] = _lib.holograd_fit_param_trained(self._handle, i, ctypes.byref(lo), ctypes.byref(hi))
            self.bounds[i] = lo.value, hi.value
        self.source, self.response, self.error = np.empty(m), np.empty(m), np.empty(m)
        self._ctx.check(_lib.holograd_fit_data(self._handle, *map(_pointer, (self.source, self.response, self.error))))

    def __del__(self):
        if getattr(self, "_handle", None):
            _lib.holograd_fit_destroy(self._handle)

    def _p(self, p):
        p = _array(p)
        if p.shape != (self.n_params,):
            raise ValueError(f"p has shape {p.shape}: must be ({self.n_params},): {', '.join(self.names)}")
        return p

    def warnings(self):
        return self._ctx.warnings()

    def start(self, k=1):
        """Start 1 is at the values that the config (or result) gives; others are drawn from the stream of their number."""
        p = np.empty(self.n_params)
        self._ctx.check(_lib.holograd_fit_start(self._handle, k, _pointer(p)))
        return p

    def from_parameters(self, parameters):
        """p from result["parameters"] of a train result."""
        return np.concatenate([np.atleast_1d(np.asarray(v, float)) for v in parameters.values()])

    def loss(self, p):
        """Loss with penalties, and its gradient [n_params]."""
        value, gradient = ctypes.c_double(), np.empty(self.n_params)
        self._ctx.check(_lib.holograd_fit_loss(self._handle, _pointer(self._p(p)), ctypes.byref(value), _pointer(gradient)))
        return value.value, gradient

    def residuals(self, p, jacobian=True):
        """r [n_residuals], whose sum of squares is the loss, and J [n_residuals, n_params]."""
        r, J = np.empty(self.n_residuals), np.empty((self.n_residuals, self.n_params)) if jacobian else None
        self._ctx.check(_lib.holograd_fit_residuals(self._handle, _pointer(self._p(p)), _pointer(r), _pointer(J)))
        return (r, J) if jacobian else r

    def predict(self, p):
        """Responses at the sources of the data, pulls, chi2; NaN where the metric has no on-shell response."""
        response, pull, chi2 = np.empty(self.n_points), np.empty(self.n_points), ctypes.c_double()
        self._ctx.check(_lib.holograd_fit_predict(self._handle, _pointer(self._p(p)), _pointer(response), _pointer(pull),
                                                  ctypes.byref(chi2)))
        return response, pull, chi2.value

    def h(self, p, eta):
        """h(eta) and dh/deta."""
        eta = np.atleast_1d(_array(eta))
        h, dh = np.empty_like(eta), np.empty_like(eta)
        self._ctx.check(_lib.holograd_fit_metric(self._handle, _pointer(self._p(p)), eta.size, _pointer(eta), _pointer(h),
                                                 _pointer(dh)))
        return h, dh
