"""``make demo``: the walkthrough of IAM Roles Anywhere by ``kubectl apply``, every claim checked.

``story`` lists the steps, ``steps`` tells them, ``checks`` looks for itself at AWS and Secrets,
``telling`` is how they speak, ``stage`` what runs meanwhile. No rule of the product lives here.
"""
