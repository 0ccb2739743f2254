"""Whether figures keep to their budgets, in a word. What counts is the figure as it is printed, with its decimals."""


def at_most(budget, value, decimals):
    return word(round(value, decimals) <= budget)


def at_least(budget, value, decimals):
    return word(round(value, decimals) >= budget)


def word(met):
    return "met" if met else "MISSED"
