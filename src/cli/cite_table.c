/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cite_table.h"

#define ARXIV(id, key, author, title, journal, volume, pages, year)                                          \
  { id, "article", key, author, title, journal, volume, pages, year, 1 }
#define PREPRINT(id, key, author, title, year)                                                               \
  { id, "misc", key, author, title, 0, 0, 0, year, 1 }
#define ARTICLE(mark, key, author, title, journal, volume, pages, year)                                      \
  { mark, "article", key, author, title, journal, volume, pages, year, 0 }
#define BOOK(mark, key, author, title, publisher, year)                                                      \
  { mark, "book", key, author, title, publisher, 0, 0, year, 0 }
#define HSTT "Hashimoto, Koji and Sugishita, Sotaro and Tanaka, Akinori and Tomiya, Akio"
#define HOS "Hashimoto, Koji and Ohashi, Keisuke and Sumimoto, Takayuki"

const cli_cite_entry cli_cite_table[] = {
    /* holography */
    ARXIV("1802.08313", "Hashimoto:2018ftp", HSTT, "Deep learning and the {AdS/CFT} correspondence",
          "Phys. Rev. D", "98", "046019", 2018),
    ARXIV("1809.10536", "Hashimoto:2018bnb", HSTT, "Deep Learning and Holographic {QCD}", "Phys. Rev. D",
          "98", "106014", 2018),
    ARXIV("1903.04951", "Hashimoto:2019bih", "Hashimoto, Koji",
          "{AdS/CFT} correspondence as a deep {B}oltzmann machine", "Phys. Rev. D", "99", "106017", 2019),
    ARXIV("2006.00712", "Hashimoto:2020jug", "Hashimoto, Koji and Hu, Hong-Ye and You, Yi-Zhuang",
          "Neural ordinary differential equation and holographic quantum chromodynamics",
          "Mach. Learn.: Sci. Technol.", "2", "035011", 2021),
    ARXIV("2005.02636", "Akutagawa:2020yeo", "Akutagawa, Tetsuya and Hashimoto, Koji and Sumimoto, Takayuki",
          "Deep Learning and {AdS/QCD}", "Phys. Rev. D", "102", "026020", 2020),
    ARXIV("2108.08091", "Hashimoto:2021ihd", HOS,
          "Deriving the dilaton potential in improved holographic {QCD} from the meson spectrum",
          "Phys. Rev. D", "105", "106008", 2022),
    ARXIV("2209.04638", "Hashimoto:2022eij", HOS,
          "Deriving the dilaton potential in improved holographic {QCD} from the chiral condensate", "PTEP",
          "2023", "033B01", 2023),
    ARXIV("hep-th/9803002", "Maldacena:1998im", "Maldacena, Juan M.",
          "Wilson loops in large {N} field theories", "Phys. Rev. Lett.", "80", "4859", 1998),
    ARXIV("hep-ph/0602229", "Karch:2006pv",
          "Karch, Andreas and Katz, Emanuel and Son, Dam T. and Stephanov, Mikhail A.",
          "Linear confinement and {AdS/QCD}", "Phys. Rev. D", "74", "015005", 2006),
    ARXIV("0707.1349", "Gursoy:2007er", "G{\\\"u}rsoy, Umut and Kiritsis, Elias and Nitti, Francesco",
          "Exploring improved holographic theories for {QCD}: Part {II}", "JHEP", "02", "019", 2008),
    ARXIV("0812.0792", "Gursoy:2008za",
          "G{\\\"u}rsoy, Umut and Kiritsis, Elias and Mazzanti, Liuba and Nitti, Francesco",
          "Holography and Thermodynamics of {5D} Dilaton-gravity", "JHEP", "05", "033", 2009),
    /* numerics */
    PREPRINT("1806.07366", "Chen:2018",
             "Chen, Ricky T. Q. and Rubanova, Yulia and Bettencourt, Jesse and Duvenaud, David",
             "Neural Ordinary Differential Equations", 2018),
    ARTICLE(
        "Hindmarsh", "Hindmarsh:2005",
        "Hindmarsh, Alan C. and Brown, Peter N. and Grant, Keith E. and Lee, Steven L. and Serban, Radu and "
        "Shumaker, Dan E. and Woodward, Carol S.",
        "{SUNDIALS}: Suite of nonlinear and differential/algebraic equation solvers",
        "ACM Trans. Math. Softw.", "31", "363", 2005),
    BOOK("Hairer", "Hairer:1993", "Hairer, Ernst and N{\\o}rsett, Syvert P. and Wanner, Gerhard",
         "Solving Ordinary Differential Equations {I}", "Springer", 1993),
    BOOK("de Boor", "deBoor:1978", "de Boor, Carl", "A Practical Guide to Splines", "Springer", 1978),
    BOOK("Trefethen", "Trefethen:2013", "Trefethen, Lloyd N.",
         "Approximation Theory and Approximation Practice", "SIAM", 2013),
    ARTICLE("Lect. Notes Math. 630", "More:1978", "Mor{\\'e}, Jorge J.",
            "The {L}evenberg-{M}arquardt algorithm: implementation and theory", "Lect. Notes Math.", "630",
            "105", 1978),
    ARTICLE("Nocedal", "Nocedal:1980", "Nocedal, Jorge",
            "Updating quasi-{N}ewton matrices with limited storage", "Math. Comp.", "35", "773", 1980),
    PREPRINT("1412.6980", "Kingma:2014", "Kingma, Diederik P. and Ba, Jimmy",
             "Adam: A Method for Stochastic Optimization", 2014),
    /* quantum states */
    ARXIV("1606.02318", "Carleo:2017", "Carleo, Giuseppe and Troyer, Matthias",
          "Solving the quantum many-body problem with artificial neural networks", "Science", "355", "602",
          2017),
    ARXIV("1008.3477", "Schollwoeck:2011", "Schollw{\\\"o}ck, Ulrich",
          "The density-matrix renormalization group in the age of matrix product states", "Ann. Phys.", "326",
          "96", 2011),
    ARXIV("1709.05468", "Saito:2018", "Saito, Hiroki and Kato, Masaya",
          "Machine Learning Technique to Find Quantum Many-Body Ground States of Bosons on a Lattice",
          "J. Phys. Soc. Jpn.", "87", "014001", 2018),
    ARXIV("1701.05039", "Gao:2017", "Gao, Xun and Duan, Lu-Ming",
          "Efficient representation of quantum many-body states with deep neural networks", "Nat. Commun.",
          "8", "662", 2017),
    ARXIV("1902.04057", "Sharir:2020",
          "Sharir, Or and Levine, Yoav and Wies, Noam and Carleo, Giuseppe and Shashua, Amnon",
          "Deep autoregressive models for the efficient variational simulation of many-body quantum systems",
          "Phys. Rev. Lett.", "124", "020503", 2020),
    ARXIV("2009.14777", "Nomura:2021", "Nomura, Yusuke",
          "Helping restricted {B}oltzmann machines with quantum-state representation by restoring symmetry",
          "J. Phys.: Condens. Matter", "33", "174003", 2021),
    ARTICLE("Pfeuty", "Pfeuty:1970", "Pfeuty, Pierre",
            "The one-dimensional {I}sing model with a transverse field", "Ann. Phys.", "57", "79", 1970),
    ARTICLE("Marshall 1955", "Marshall:1955", "Marshall, W.", "Antiferromagnetism", "Proc. R. Soc. A", "232",
            "48", 1955),
    ARTICLE("Jastrow", "Jastrow:1955", "Jastrow, Robert", "Many-Body Problem with Strong Forces",
            "Phys. Rev.", "98", "1479", 1955),
    ARTICLE("Metropolis et al. 1953", "Metropolis:1953",
            "Metropolis, Nicholas and Rosenbluth, Arianna W. and Rosenbluth, Marshall N. and Teller, Augusta "
            "H. and "
            "Teller, Edward",
            "Equation of State Calculations by Fast Computing Machines", "J. Chem. Phys.", "21", "1087",
            1953),
    {0}};
