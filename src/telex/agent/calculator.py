"""The calculator: arithmetic on a syntax tree, with bounds, so that no expression can do harm or take long."""

import ast
import math
import operator
from collections.abc import Callable
from typing import Any, TypeAlias

from telex.agent.tools import ToolError, tool

Number: TypeAlias = int | float

LONGEST = 500  # characters of an expression
MOST_BITS = 10_000  # of a whole number: about 3,000 digits
LARGEST_FACTORIAL = 1000
MOST_DIGITS = 100  # to which a number is rounded

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Number]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}
_CONSTANTS = {"pi": math.pi, "e": math.e, "tau": math.tau}


def _factorial(number: int) -> int:
    if number > LARGEST_FACTORIAL:
        raise ToolError(f"factorial takes at most {LARGEST_FACTORIAL}.")
    return math.factorial(int(number) if number == int(number) else number)


def _round(number: Number, digits: int = 0) -> Number:
    if abs(digits) > MOST_DIGITS:  # Python would work out so large a power of ten
        raise ToolError(f"round takes at most {MOST_DIGITS} digits.")
    return round(number, digits) if digits else round(number)


_PLAIN = "sqrt cbrt exp log log2 log10 sin cos tan asin acos atan atan2 sinh cosh tanh hypot degrees radians floor ceil"
_FUNCTIONS: dict[str, Callable[..., Number]] = {
    **{name: getattr(math, name) for name in _PLAIN.split()},
    "ln": math.log,
    "abs": abs,
    "round": _round,
    "min": min,
    "max": max,
    "factorial": _factorial,
}


@tool
async def calculator(expression: str) -> str:
    """Calculate an arithmetic expression exactly. Use it for every calculation that is not trivial.

    It knows + - * / // % ** (or ^), parentheses, pi, e, and functions such as sqrt, ln, log10, sin, abs, round, min, max and
    factorial. Write numbers without thousands separators.

    Args:
        expression: what to calculate, such as "(3 + 4) * sqrt(2) / 7 ** 2".
    """
    return calculate(expression)


def calculate(expression: str) -> str:
    """The value of ``expression`` in decimal notation.

    Raises:
        ToolError: it is no arithmetic, has no value, or is too large.
    """
    if len(expression) > LONGEST:
        raise ToolError(f"An expression has at most {LONGEST} characters.")
    try:
        value = _value(ast.parse(expression.strip().replace("^", "**"), mode="eval").body)
    except (SyntaxError, RecursionError, MemoryError):
        raise ToolError("This is no arithmetic expression that I can read.") from None
    except ZeroDivisionError:
        raise ToolError("Division by zero.") from None
    except OverflowError:
        raise ToolError("The result is too large.") from None
    except (ValueError, TypeError) as error:
        raise ToolError(f"This has no value: {error}.") from None
    return str(value) if isinstance(value, int) else f"{value:.15g}"


def _value(node: ast.expr) -> Number:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return _bounded(value)
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.UnaryOp(op=sign, operand=operand) if type(sign) in _UNARY:
            return _UNARY[type(sign)](_value(operand))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left), _value(right))
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _BINARY:
            return _bounded(_BINARY[type(sign)](_value(left), _value(right)))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _FUNCTIONS:
            return _bounded(_FUNCTIONS[name](*map(_value, arguments)))
    raise ToolError(f"I can not calculate `{ast.unparse(node)}`.")


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(base, int) and isinstance(exponent, int) and base.bit_length() * abs(exponent) > MOST_BITS:
        raise OverflowError
    value: Number | complex = base**exponent
    if isinstance(value, complex):
        raise ToolError("The result is no real number.")
    return _bounded(value)


def _bounded(value: Number) -> Number:
    if value.bit_length() > MOST_BITS if isinstance(value, int) else not math.isfinite(value):
        raise OverflowError
    return value
